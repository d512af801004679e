export const id=728;export const ids=[728,4400,8482,6858];export const modules={41586:(t,e,r)=>{r.d(e,{m:()=>B,openKeyless:()=>w});var i=r(76760),o=r(3282),n=r(54992),s=r(96629),a=r(95669),l=r(67728),A=r(89387),c=r(411),u=r(99675),f=r(28482),d=r(66858);async function w(t,{inputs:e,context:r},i){let o=B(e.publish.retries,i);(0,A.sK)(o);let{log:s,config:l}=t,M=void 0===l?c.Q:function(t,e){let r=(0,u.V)(t,e.now());if("string"==typeof r)throw new n.$$("input-invalid",{evidence:[`sigstore-config: ${r}.`]});return r}(l,i),p="none"===s?{...M,log:void 0}:M,h="public"===s;if(e.publish.dryRun){let t=await g(i);void 0!==t&&(0,A.G6)(t,{services:p,mayPublish:h});return}let y=e.verify?.trustedRoots??[(0,a.qF)(Buffer.from(d.publicTrustedRoot))];return(0,A.ln)({services:p,certificates:(0,f.certificateVerifier)(y),serverUrl:r.server.url,trustFile:e.verify?.trustFile,mayPublish:h},o)}async function g({environment:t,files:e}){let{payload:r}=await (0,o.zh)(t.GITHUB_EVENT_PATH,e),i=(0,a.ZZ)(r,"repository"),[n,s,l]=["full_name","visibility","private"].map(t=>(0,a.ZZ)(i,t)),A="string"==typeof s?s:({true:"private",false:"public"})[String(l)];return"string"==typeof n&&void 0!==A?{repository:n,visibility:A}:void 0}function B(t,e){let{signal:r,workflow:o}=e;return{http:e.http(r),retrier:{policy:{...l.G4,retries:t+2,maxMs:6e4},timer:{...e.timer(r),now:e.now},activity:{request:()=>()=>void 0,retry:t=>{o.info(t)}},signal:r},secrets:{keep:t=>{o.mask(t)},hide:o.hide},environment:e.environment,readFile:async t=>e.files.read(i.resolve((0,s.workspace)(e),t))}}},72785:(t,e,r)=>{r.d(e,{V:()=>a,k:()=>n});var i=r(95669),o=r(84985);function n(t,e){let r=(0,i.qF)(t);if(void 0===r){if(t.byteLength>200)return[];let r=Buffer.from(t).toString("latin1").trim();return/^[\x20-\x7e]+$/.test(r)&&!r.startsWith("<")?[{code:"",written:"",message:(0,o.R)(r,e)}]:[]}let[n,a]=[(0,i.ZZ)(r,"errors"),(0,i.ZZ)(r,"error")],l="object"==typeof a?a:r;return(Array.isArray(n)?n.slice(0,100):[l]).flatMap(t=>(function(t,e){let[r,i,o]=[s(t,["code","error","__type","status"],e),s(t,["message","Message","error_description","details"],e),s(t,["detail"],e)];if(""===r&&""===i&&""===o)return[];let n=[i,o===i?"":o].filter(t=>""!==t);return[{code:r.toUpperCase(),written:r,message:n.join(": ")}]})(t,e)).slice(0,5)}function s(t,e,r){let n=e.map(e=>(0,i.ZZ)(t,e)).find(t=>"string"==typeof t&&""!==t);return"string"==typeof n?(0,o.R)(n,r):""}async function a(t){let e=[],r=0;for await(let i of t)if(e.push(Buffer.from(i)),(r+=i.byteLength)>=65536)break;return Buffer.concat(e).subarray(0,65536)}},70538:(t,e,r)=>{r.d(e,{Ep:()=>l,GW:()=>a,wl:()=>d});var i=r(54992),o=r(24883),n=r(77030),s=r(95669);function a(t){return c(A((0,s.ZZ)((0,s.qF)(Buffer.from(t.replace(/^\uFEFF/,""))),"insecure-registries")))}function l(t){let e=(0,s.qF)(Buffer.from(t)),r=(0,s.ZZ)(e,"IndexConfigs");return{isInsecure:c([...("object"==typeof r&&null!==r?Object.entries(r):[]).flatMap(([t,e])=>!1===(0,s.ZZ)(e,"Secure")?[t]:[]),...A((0,s.ZZ)(e,"InsecureRegistryCIDRs"))]),mirrors:A((0,s.ZZ)(e,"Mirrors"))}}function A(t){return Array.isArray(t)?t.filter(t=>"string"==typeof t):[]}function c(t){let e=t.map(u),r=new Set(e),i=new n.BlockList;for(let t of e)!function(t,e){let[,r="",i=""]=/^([0-9a-f.:]+)\/(\d{1,3})$/.exec(t)??[],o=f(r),n=Number(i);void 0===o||n>("ipv4"===o?32:128)||e.addSubnet(r,n,o)}(t,i);return t=>{let e=t.toLowerCase();if(r.has(e))return!0;let o=e.replace(/:\d+$/,"").replace(/^\[|\]$/g,""),n=f(o);return void 0!==n&&i.check(o,n)}}function u(t){return t.trim().toLowerCase().replace(/^https?:\/\//,"")}function f(t){let e=(0,n.isIP)(t);if(0!==e)return 4===e?"ipv4":"ipv6"}function d(t){let e=(0,o.C)(t);return void 0!==e&&!!/^(?:ERR_SSL_|EPROTO$)/.test(e)&&/wrong[ _]version[ _]number|(?:packet|data)[ _]length[ _]too[ _]long|http[ _]request/i.test(`${e} ${(0,i.gJ)(t)}`)}},84985:(t,e,r)=>{r.d(e,{B:()=>o,R:()=>n});let i=new Set(["mount","from","digest","n","last","service","scope","artifactType"]);function o(t,e){if(e(t.href)!==t.href)return n(t.href,e);let r=[...t.searchParams].map(([t,e])=>i.has(t)?`${t}=${e}`:`${t}=***`);return e(`${t.protocol}//${t.host}${t.pathname}${0===r.length?"":`?${r.join("&")}`}`)}function n(t,e){let r=e(t),o=r.length>4096,n=r.slice(0,4096).replace(/[\s\p{Cc}]+/gu," ").trim().replace(o?/:\/\/[^\s"<>/?#]*(?:@|$)/g:/:\/\/[^\s"<>/?#]*@/g,"://").replace(/([?&])([^=&?\s"<>]+)=[^&\s"<>]*/g,(t,e,r)=>i.has(r)?t:`${e}${r}=***`);return n.length>300?`${n.slice(0,300)}…`:n}},67728:(t,e,r)=>{r.d(e,{Cu:()=>A,Dm:()=>a,G4:()=>s,LH:()=>c,cE:()=>u,e0:()=>f});var i=r(54992),o=r(24883),n=r(70538);let s={retries:4,baseMs:1e3,maxMs:3e4,maxRetryAfterMs:6e4};function a(t){return 408===t||425===t||429===t||t>=500&&![501,505,507].includes(t)}let l=/^(?:ENOTFOUND|ERR_TLS_|ERR_SSL_|ERR_OSSL_|ERR_INVALID_|CERT_|UNABLE_TO_|SELF_SIGNED_CERT|DEPTH_ZERO_|HOSTNAME_MISMATCH|EMSGSIZE|ETOOSLOW)/;function A(t,e,{random:r,retryAfterMs:i}){let o=r*Math.min(t.maxMs,t.baseMs*2**(e-1));return void 0===i?Math.round(o):Math.round(Math.min(i,t.maxRetryAfterMs)+r*t.baseMs)}async function c(t,e,r,i=B){let o=await u(t,e,r,i);if(void 0===o)throw TypeError("unreachable: every attempt has an outcome");return o}async function u(t,e,r,i=B){let{timer:o,signal:n,activity:s}=t,a=s.request(e);try{for(let s=1;;s+=1){n.throwIfAborted();let a=await w(r);if(void 0===a)return;n.throwIfAborted();let l=function(t,e,r){if("failed"===t.kind)return g(t.error);let{response:i}=t,o=function(t,e){let r=t?.trim()??"";if(/^\d{1,9}$/.test(r))return 1e3*Number(r);let i=/^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(r)?Date.parse(r):0/0;return Number.isNaN(i)?void 0:Math.max(0,i-e.getTime())}(i.headers["retry-after"],r);return{transient:e(i),retryAfterMs:o,reason:String(i.status)}}(a,i,o.now());if(!await d(t,e,{tried:s,...l}))return a}}finally{a()}}async function f(t,e,r,i){return t.signal.throwIfAborted(),d(t,e,{tried:r,...g(i)})}async function d({policy:t,timer:e,activity:r,signal:i},{host:o,subject:n},{tried:s,transient:a,retryAfterMs:l,reason:c}){if(!a||s>t.retries)return!1;let u=A(t,s,{random:e.random(),retryAfterMs:l}),f=`${o}: ${n} failed (${c}); attempt ${s+1} of ${t.retries+1} in ${u<1e4?String(Math.round(u/100)/10):String(Math.round(u/1e3))} s`;r.retry(f,{host:o,subject:n,reason:c});try{await e.sleep(u)}catch(t){throw i.throwIfAborted(),t}return!0}async function w(t){try{let e=await t();return void 0===e?void 0:{kind:"response",response:e}}catch(t){if(t instanceof i.$$)throw t;return{kind:"failed",error:t}}}function g(t){let e=(0,o.C)(t)??"unknown error";return{transient:function(t){if(t instanceof i.$$||l.test((0,o.C)(t)??"")||(0,n.wl)(t))return!1;let e="object"==typeof t&&null!==t&&"statusCode"in t?t.statusCode:void 0;return"number"!=typeof e||a(e)}(t),retryAfterMs:void 0,reason:e}}function B({status:t}){return a(t)}},99675:(t,e,r)=>{r.d(e,{V:()=>o});var i=r(95669);function o(t,e){let r=(0,i.ZZ)(t,"mediaType");if("string"!=typeof r||!r.startsWith("application/vnd.dev.sigstore.signingconfig.v0.2"))return"it is not a signing config of version 0.2";let[o,n,s]=["caUrls","rekorTlogUrls","tsaUrls"].map(r=>(function(t,e){if(!Array.isArray(t))return;let[r]=t.flatMap(t=>{let r=(0,i.ZZ)(t,"url"),[o,n]=["start","end"].map(e=>{var r;let o;return Number.isNaN(o="string"==typeof(r=(0,i.ZZ)((0,i.ZZ)(t,"validFor"),e))?Date.parse(r):0/0)?void 0:o}),s=(o??0)<=e.getTime()&&e.getTime()<(n??1/0),a=1===(0,i.ZZ)(t,"majorApiVersion");return"string"==typeof r&&URL.canParse(r)&&s&&a?[{url:new URL(r),start:o}]:[]}).toSorted((t,e)=>(e.start??0)-(t.start??0));return r?.url})((0,i.ZZ)(t,r),e)),a=[o,n,s].find(t=>void 0!==t&&!function({protocol:t,hostname:e}){return"https:"===t||"http:"===t&&/^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(e)}(t));return void 0!==a?`${a.origin} is not an address with https`:void 0===o?"it has no certificate authority that is valid now (caUrls)":void 0===n&&void 0===s?"it has neither a log of version 1 (rekorTlogUrls) nor a timestamp authority (tsaUrls) that is valid now":{authority:o,log:n,timestamps:s}}},28482:(t,e,r)=>{r.d(e,{certificateVerifier:()=>a});var i=r(61040),o=r(19654),n=r(54187),s=r(54992);function a(t){let e=t.map(t=>{let e=(0,n.jO)(o.TrustedRoot.fromJSON(t)),r=+(e.ctlogs.length>0);return new n.BL(e,{ctlogThreshold:r,tlogThreshold:0,timestampThreshold:1})});return({bundle:t,artifact:r,signed:o})=>{let a="its certificate is not trusted";for(let l of e)try{let e=(0,i.vw)(t);!function({content:t},{artifact:e,signed:r}){if("dsseEnvelope"!==t.$case){if(void 0===e)throw Error("the library reads a signature without an envelope");return}let{payload:i,payloadType:o}=t.dsseEnvelope,n=`DSSEv1 ${Buffer.byteLength(o)} ${o} ${i.byteLength} `;if(!Buffer.concat([Buffer.from(n),i]).equals(r))throw Error("the envelope is ambiguous")}(e,{artifact:r,signed:o});let s=(0,n.DC)(e,void 0===r?void 0:Buffer.from(r)),{identity:a}=l.verify(s),{tlogEntries:A,timestampVerificationData:c}=e.verificationMaterial;return{ok:!0,identity:function({subjectAlternativeName:t,extensions:e,oids:r=[]}){let i=t=>{let e=r.find(({oid:e})=>e?.id.join(".")===t);return void 0===e?void 0:function(t){let[e,r=0]=t;if(12!==e)return;let i=r<128?0:127&r;if(i>2||t.byteLength<2+i)return;let o=0===i?r:t.readUIntBE(2,i),n=t.subarray(2+i);return n.byteLength===o?n.toString("utf8"):void 0}(e.value)};return{signer:t,issuer:e?.issuer,repository:i("1.3.6.1.4.1.57264.1.12"),repositoryId:i("1.3.6.1.4.1.57264.1.15"),workflow:i("1.3.6.1.4.1.57264.1.18"),ref:i("1.3.6.1.4.1.57264.1.14"),runner:i("1.3.6.1.4.1.57264.1.11")}}(a??{}),hasLogEntry:A.length>0,hasTimestamp:(c?.rfc3161Timestamps??[]).length>0}}catch(t){a=`its certificate, time or signature is not valid (${(0,s.gJ)(t)})`}return{ok:!1,reason:a}}}},66858:(t,e,r)=>{r.d(e,{publicTrustedRoot:()=>i});let i=`{
  "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
  "tlogs": [
    {
      "baseUrl": "https://rekor.sigstore.dev",
      "hashAlgorithm": "SHA2_256",
      "publicKey": {
        "rawBytes": "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE2G2Y+2tabdTV5BcGiBIx0a9fAFwrkBbmLSGtks4L3qX6yYY0zufBnhC8Ur/iy55GhWP/9A/bY2LhC30M9+RYtw==",
        "keyDetails": "PKIX_ECDSA_P256_SHA_256",
        "validFor": {
          "start": "2021-01-12T11:53:27Z"
        }
      },
      "logId": {
        "keyId": "wNI9atQGlz+VWfO6LRygH4QUfY/8W4RFwiT5i5WRgB0="
      }
    },
    {
      "baseUrl": "https://log2025-1.rekor.sigstore.dev",
      "hashAlgorithm": "SHA2_256",
      "publicKey": {
        "rawBytes": "MCowBQYDK2VwAyEAt8rlp1knGwjfbcXAYPYAkn0XiLz1x8O4t0YkEhie244=",
        "keyDetails": "PKIX_ED25519",
        "validFor": {
          "start": "2025-09-23T00:00:00Z"
        }
      },
      "logId": {
        "keyId": "zxGZFVvd0FEmjR8WrFwMdcAJ9vtaY/QXf44Y1wUeP6A="
      }
    }
  ],
  "certificateAuthorities": [
    {
      "subject": {
        "organization": "sigstore.dev",
        "commonName": "sigstore"
      },
      "uri": "https://fulcio.sigstore.dev",
      "certChain": {
        "certificates": [
          {
            "rawBytes": "MIIB+DCCAX6gAwIBAgITNVkDZoCiofPDsy7dfm6geLbuhzAKBggqhkjOPQQDAzAqMRUwEwYDVQQKEwxzaWdzdG9yZS5kZXYxETAPBgNVBAMTCHNpZ3N0b3JlMB4XDTIxMDMwNzAzMjAyOVoXDTMxMDIyMzAzMjAyOVowKjEVMBMGA1UEChMMc2lnc3RvcmUuZGV2MREwDwYDVQQDEwhzaWdzdG9yZTB2MBAGByqGSM49AgEGBSuBBAAiA2IABLSyA7Ii5k+pNO8ZEWY0ylemWDowOkNa3kL+GZE5Z5GWehL9/A9bRNA3RbrsZ5i0JcastaRL7Sp5fp/jD5dxqc/UdTVnlvS16an+2Yfswe/QuLolRUCrcOE2+2iA5+tzd6NmMGQwDgYDVR0PAQH/BAQDAgEGMBIGA1UdEwEB/wQIMAYBAf8CAQEwHQYDVR0OBBYEFMjFHQBBmiQpMlEk6w2uSu1KBtPsMB8GA1UdIwQYMBaAFMjFHQBBmiQpMlEk6w2uSu1KBtPsMAoGCCqGSM49BAMDA2gAMGUCMH8liWJfMui6vXXBhjDgY4MwslmN/TJxVe/83WrFomwmNf056y1X48F9c4m3a3ozXAIxAKjRay5/aj/jsKKGIkmQatjI8uupHr/+CxFvaJWmpYqNkLDGRU+9orzh5hI2RrcuaQ=="
          }
        ]
      },
      "validFor": {
        "start": "2021-03-07T03:20:29Z",
        "end": "2022-12-31T23:59:59.999Z"
      }
    },
    {
      "subject": {
        "organization": "sigstore.dev",
        "commonName": "sigstore"
      },
      "uri": "https://fulcio.sigstore.dev",
      "certChain": {
        "certificates": [
          {
            "rawBytes": "MIICGjCCAaGgAwIBAgIUALnViVfnU0brJasmRkHrn/UnfaQwCgYIKoZIzj0EAwMwKjEVMBMGA1UEChMMc2lnc3RvcmUuZGV2MREwDwYDVQQDEwhzaWdzdG9yZTAeFw0yMjA0MTMyMDA2MTVaFw0zMTEwMDUxMzU2NThaMDcxFTATBgNVBAoTDHNpZ3N0b3JlLmRldjEeMBwGA1UEAxMVc2lnc3RvcmUtaW50ZXJtZWRpYXRlMHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE8RVS/ysH+NOvuDZyPIZtilgUF9NlarYpAd9HP1vBBH1U5CV77LSS7s0ZiH4nE7Hv7ptS6LvvR/STk798LVgMzLlJ4HeIfF3tHSaexLcYpSASr1kS0N/RgBJz/9jWCiXno3sweTAOBgNVHQ8BAf8EBAMCAQYwEwYDVR0lBAwwCgYIKwYBBQUHAwMwEgYDVR0TAQH/BAgwBgEB/wIBADAdBgNVHQ4EFgQU39Ppz1YkEZb5qNjpKFWixi4YZD8wHwYDVR0jBBgwFoAUWMAeX5FFpWapesyQoZMi0CrFxfowCgYIKoZIzj0EAwMDZwAwZAIwPCsQK4DYiZYDPIaDi5HFKnfxXx6ASSVmERfsynYBiX2X6SJRnZU84/9DZdnFvvxmAjBOt6QpBlc4J/0DxvkTCqpclvziL6BCCPnjdlIB3Pu3BxsPmygUY7Ii2zbdCdliiow="
          },
          {
            "rawBytes": "MIIB9zCCAXygAwIBAgIUALZNAPFdxHPwjeDloDwyYChAO/4wCgYIKoZIzj0EAwMwKjEVMBMGA1UEChMMc2lnc3RvcmUuZGV2MREwDwYDVQQDEwhzaWdzdG9yZTAeFw0yMTEwMDcxMzU2NTlaFw0zMTEwMDUxMzU2NThaMCoxFTATBgNVBAoTDHNpZ3N0b3JlLmRldjERMA8GA1UEAxMIc2lnc3RvcmUwdjAQBgcqhkjOPQIBBgUrgQQAIgNiAAT7XeFT4rb3PQGwS4IajtLk3/OlnpgangaBclYpsYBr5i+4ynB07ceb3LP0OIOZdxexX69c5iVuyJRQ+Hz05yi+UF3uBWAlHpiS5sh0+H2GHE7SXrk1EC5m1Tr19L9gg92jYzBhMA4GA1UdDwEB/wQEAwIBBjAPBgNVHRMBAf8EBTADAQH/MB0GA1UdDgQWBBRYwB5fkUWlZql6zJChkyLQKsXF+jAfBgNVHSMEGDAWgBRYwB5fkUWlZql6zJChkyLQKsXF+jAKBggqhkjOPQQDAwNpADBmAjEAj1nHeXZp+13NWBNa+EDsDP8G1WWg1tCMWP/WHPqpaVo0jhsweNFZgSs0eE7wYI4qAjEA2WB9ot98sIkoF3vZYdd3/VtWB5b9TNMea7Ix/stJ5TfcLLeABLE4BNJOsQ4vnBHJ"
          }
        ]
      },
      "validFor": {
        "start": "2022-04-13T20:06:15Z"
      }
    }
  ],
  "ctlogs": [
    {
      "baseUrl": "https://ctfe.sigstore.dev/test",
      "hashAlgorithm": "SHA2_256",
      "publicKey": {
        "rawBytes": "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEbfwR+RJudXscgRBRpKX1XFDy3PyudDxz/SfnRi1fT8ekpfBd2O1uoz7jr3Z8nKzxA69EUQ+eFCFI3zeubPWU7w==",
        "keyDetails": "PKIX_ECDSA_P256_SHA_256",
        "validFor": {
          "start": "2021-03-14T00:00:00Z",
          "end": "2022-10-31T23:59:59.999Z"
        }
      },
      "logId": {
        "keyId": "CGCS8ChS/2hF0dFrJ4ScRWcYrBY9wzjSbea8IgY2b3I="
      }
    },
    {
      "baseUrl": "https://ctfe.sigstore.dev/2022",
      "hashAlgorithm": "SHA2_256",
      "publicKey": {
        "rawBytes": "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEiPSlFi0CmFTfEjCUqF9HuCEcYXNKAaYalIJmBZ8yyezPjTqhxrKBpMnaocVtLJBI1eM3uXnQzQGAJdJ4gs9Fyw==",
        "keyDetails": "PKIX_ECDSA_P256_SHA_256",
        "validFor": {
          "start": "2022-10-20T00:00:00Z"
        }
      },
      "logId": {
        "keyId": "3T0wasbHETJjGR4cmWc3AqJKXrjePK3/h4pygC8p7o4="
      }
    }
  ],
  "timestampAuthorities": [
    {
      "subject": {
        "organization": "sigstore.dev",
        "commonName": "sigstore-tsa-selfsigned"
      },
      "uri": "https://timestamp.sigstore.dev/api/v1/timestamp",
      "certChain": {
        "certificates": [
          {
            "rawBytes": "MIICEDCCAZagAwIBAgIUOhNULwyQYe68wUMvy4qOiyojiwwwCgYIKoZIzj0EAwMwOTEVMBMGA1UEChMMc2lnc3RvcmUuZGV2MSAwHgYDVQQDExdzaWdzdG9yZS10c2Etc2VsZnNpZ25lZDAeFw0yNTA0MDgwNjU5NDNaFw0zNTA0MDYwNjU5NDNaMC4xFTATBgNVBAoTDHNpZ3N0b3JlLmRldjEVMBMGA1UEAxMMc2lnc3RvcmUtdHNhMHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE4ra2Z8hKNig2T9kFjCAToGG30jky+WQv3BzL+mKvh1SKNR/UwuwsfNCg4sryoYAd8E6isovVA3M4aoNdm9QDi50Z8nTEyvqgfDPtTIwXItfiW/AFf1V7uwkbkAoj0xxco2owaDAOBgNVHQ8BAf8EBAMCB4AwHQYDVR0OBBYEFIn9eUOHz9BlRsMCRscsc1t9tOsDMB8GA1UdIwQYMBaAFJjsAe9/u1H/1JUeb4qImFMHic6/MBYGA1UdJQEB/wQMMAoGCCsGAQUFBwMIMAoGCCqGSM49BAMDA2gAMGUCMDtpsV/6KaO0qyF/UMsX2aSUXKQFdoGTptQGc0ftq1csulHPGG6dsmyMNd3JB+G3EQIxAOajvBcjpJmKb4Nv+2Taoj8Uc5+b6ih6FXCCKraSqupe07zqswMcXJTe1cExvHvvlw=="
          },
          {
            "rawBytes": "MIIB9zCCAXygAwIBAgIUV7f0GLDOoEzIh8LXSW80OJiUp14wCgYIKoZIzj0EAwMwOTEVMBMGA1UEChMMc2lnc3RvcmUuZGV2MSAwHgYDVQQDExdzaWdzdG9yZS10c2Etc2VsZnNpZ25lZDAeFw0yNTA0MDgwNjU5NDNaFw0zNTA0MDYwNjU5NDNaMDkxFTATBgNVBAoTDHNpZ3N0b3JlLmRldjEgMB4GA1UEAxMXc2lnc3RvcmUtdHNhLXNlbGZzaWduZWQwdjAQBgcqhkjOPQIBBgUrgQQAIgNiAAQUQNtfRT/ou3YATa6wB/kKTe70cfJwyRIBovMnt8RcJph/COE82uyS6FmppLLL1VBPGcPfpQPYJNXzWwi8icwhKQ6W/Qe2h3oebBb2FHpwNJDqo+TMaC/tdfkv/ElJB72jRTBDMA4GA1UdDwEB/wQEAwIBBjASBgNVHRMBAf8ECDAGAQH/AgEAMB0GA1UdDgQWBBSY7AHvf7tR/9SVHm+KiJhTB4nOvzAKBggqhkjOPQQDAwNpADBmAjEAwGEGrfGZR1cen1R8/DTVMI943LssZmJRtDp/i7SfGHmGRP6gRbuj9vOK3b67Z0QQAjEAuT2H673LQEaHTcyQSZrkp4mX7WwkmF+sVbkYY5mXN+RMH13KUEHHOqASaemYWK/E"
          }
        ]
      },
      "validFor": {
        "start": "2025-07-04T00:00:00Z"
      }
    }
  ]
}`}};
