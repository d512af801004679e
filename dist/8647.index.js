export const id=8647;export const ids=[8647,8482,6858];export const modules={80232:(t,e,i)=>{i.d(e,{attestImage:()=>y});var r=i(38390),o=i(54992),n=i(95669),s=i(71583),a=i(65058);let l="https://slsa.dev/provenance/v1";var c=i(96704),d=i(89387),u=i(411),f=i(28482),g=i(66858),p=i(41586),A=i(66841);let w={authority:new URL("https://fulcio.githubapp.com"),log:void 0,timestamps:new URL("https://timestamp.githubapp.com/api/v1/timestamp")};async function y(t,e){let{prepared:i,io:u}=e,{server:f,repository:g}=i.context,w=(0,p.m)(i.inputs.publish.retries,u);(0,d.sK)(w);let y={apiUrl:f.apiUrl,repository:`${g.owner}/${g.name}`,token:(0,A.Fw)(i.inputs.credentials.githubToken)},v={http:w.http,retrier:w.retrier,hide:u.workflow.hide};if(t.existing&&await m(t,y,v))return;let{token:B}=await (0,r.gj)(c.T,w),M=function(t){let[,e=""]=t.split("."),i=(0,n.qF)(Buffer.from(e,"base64url")),r=t=>{let e=(0,n.ZZ)(i,t);return"string"==typeof e||"number"==typeof e?String(e):""};return{repository:r("repository"),repositoryId:r("repository_id"),ownerId:r("repository_owner_id"),visibility:r("repository_visibility"),ref:r("ref"),sha:r("sha"),event:r("event_name"),workflowRef:r("workflow_ref"),jobWorkflowRef:r("job_workflow_ref"),runner:r("runner_environment"),runId:r("run_id"),attempt:r("run_attempt")}}(B.reveal());!function({revision:t},{sha:e}){if(void 0!==t&&t!==e)throw new o.$$("attestation-denied",{message:"The image is not of the commit of this workflow run, so its provenance would be wrong.",evidence:[`the image is of commit ${t}, the run of ${e}`],remedy:"Set `github-attestation` where the image is built, and remove it here."})}(t,M);let E=function({content:t},{prepared:e}){let i=(0,n.Ng)(t.bytes),r=i?.kind==="index"?(0,n.zC)(i).map(({digest:t})=>t):[],o=(0,s.U)(e.plan).map(({host:t,path:e})=>`${t}/${e}`),a=o.map(e=>({name:e,digest:t.digest})),l=[...a,...o.flatMap(t=>[...new Set(r)].map(e=>({name:t,digest:e})))];return l.length>1024?a.slice(0,1024):l}(t,e),Z=function(t,e,i){let r=`${i}/${e.repository}`,[o=""]=e.workflowRef.slice(e.repository.length+1).split("@"),n={_type:"https://in-toto.io/Statement/v1",subject:t.map(({name:t,digest:e})=>({name:t,digest:{sha256:e.slice(7)}})),predicateType:l,predicate:{buildDefinition:{buildType:"https://actions.github.io/buildtypes/workflow/v1",externalParameters:{workflow:{ref:e.ref,repository:r,path:o}},internalParameters:{github:{event_name:e.event,repository_id:e.repositoryId,repository_owner_id:e.ownerId,runner_environment:e.runner}},resolvedDependencies:[{uri:`git+${r}@${e.ref}`,digest:{gitCommit:e.sha}}]},runDetails:{builder:{id:`${i}/${e.jobWorkflowRef}`},metadata:{invocationId:`${r}/actions/runs/${e.runId}/attempts/${e.attempt}`}}}};return Buffer.from(JSON.stringify(n))}(E,M,f.url),I=await h(M,e,w),D=(0,a.a1)(Z,await I.signStatement(Z)),T=await (0,A.A_)(D,y,v),b=`${f.url}/${y.repository}/attestations/${T}`;u.workflow.info(`Attested at GitHub: ${b}`);let[j]=E;return void 0!==j&&u.workflow.printGroup("Verify the attestation",[function({name:t,digest:e},{repository:i,jobWorkflowRef:r}){let[o=""]=r.split("@"),n=o.startsWith(`${i}/`)?"":` --signer-workflow ${o}`;return`gh attestation verify oci://${t}@${e} --repo ${i}${n}`}(j,M)]),{id:T,url:b}}async function m({content:{digest:t}},e,i){return(0,A.pD)({digest:t,predicateType:l},e,i)}async function h(t,{prepared:e},i){let{sign:r,verify:s}=e.inputs,a="public"===t.visibility,l=e.signers?.find(({verifiedBy:t})=>"identity"===t.kind);if(void 0!==l&&(r?.config!==void 0||a))return l;if(!a&&s?.trustedRoots===void 0)throw function({repository:t,visibility:e}){return new o.$$("attestation-denied",{message:"GitHub signs attestations of private repositories with an instance of its own, whose trusted root is missing.",evidence:[`${t} is ${""===e?"of unknown visibility":e}`],remedy:"Set `sigstore-trust` to a file with the output of `gh attestation trusted-root`. GitHub offers attestations of private repositories only with Enterprise Cloud."})}(t);return(0,d.ln)({services:a?u.Q:w,certificates:(0,f.certificateVerifier)(s?.trustedRoots??[(0,n.qF)(Buffer.from(g.publicTrustedRoot))]),serverUrl:e.context.server.url,trustFile:s?.trustFile,mayPublish:!1},i)}},66841:(t,e,i)=>{i.d(e,{A_:()=>a,Fw:()=>s,pD:()=>l});var r=i(54992),o=i(95669),n=i(67728);function s(t){if(void 0!==t&&!t.isEmpty)return t;throw new r.$$("attestation-denied",{message:"There is no token for attestations at GitHub.",evidence:["`github-token` is empty"]})}async function a(t,e,i){if(t.byteLength>0x1000000)throw new r.$$("attestation-too-large",{evidence:[`the bundle has ${t.byteLength} bytes`]});let s=Buffer.concat([Buffer.from('{"bundle":'),t,Buffer.from("}")]),a=new URL(`${e.apiUrl}/repos/${e.repository}/attestations`),l=await c({method:"POST",url:a,body:s},e,i),d=(0,o.ZZ)((0,o.qF)(l.body),"id");if(201===l.status&&("number"==typeof d||"string"==typeof d))return String(d);throw function(t,{status:e,body:i},{hide:s}){let a=(0,o.ZZ)((0,o.qF)(i),"message"),l="string"==typeof a?` ${a.replaceAll(/[^\x20-\x7e]/g," ").slice(0,300)}`:"",c=[s(`POST ${t.origin}${t.pathname}: ${e}${l}`)];if(413===e||422===e&&/\b(?:too (?:large|big)|exceeds|maximum)\b/i.test(l))return new r.$$("attestation-too-large",{evidence:c});let d=(0,n.Dm)(e)||e>=200&&e<400;return new r.$$(d?"attestation-failed":"attestation-denied",{evidence:c})}(a,l,i)}async function l({digest:t,predicateType:e},i,r){let n=new URL(`${i.apiUrl}/repos/${i.repository}/attestations/${t}`);n.searchParams.set("predicate_type",e),n.searchParams.set("per_page","1");try{let{status:t,body:e}=await c({method:"GET",url:n},i,r),s=(0,o.ZZ)((0,o.qF)(e),"attestations");return 200===t&&Array.isArray(s)&&s.length>0}catch{return r.retrier.signal.throwIfAborted(),!1}}async function c({method:t,url:e,body:i},{token:o},s){let a={accept:"application/vnd.github+json",authorization:`Bearer ${o.reveal()}`,"x-github-api-version":"2022-11-28",...i&&{"content-type":"application/json","content-length":String(i.byteLength)}},l=await (0,n.LH)(s.retrier,{host:e.host,subject:`${t} attestations`},async()=>s.http.send({method:t,url:e,headers:a,...i&&{body:i}}));if("response"===l.kind)return l.response;let{error:d}=l,u=[s.hide(`${t} ${e.origin}${e.pathname}: ${(0,r.gJ)(d)}`)];throw new r.$$("attestation-failed",{evidence:u,cause:d})}},41586:(t,e,i)=>{i.d(e,{m:()=>w,openKeyless:()=>p});var r=i(76760),o=i(3282),n=i(54992),s=i(96629),a=i(95669),l=i(67728),c=i(89387),d=i(411),u=i(99675),f=i(28482),g=i(66858);async function p(t,{inputs:e,context:i},r){let o=w(e.publish.retries,r);(0,c.sK)(o);let{log:s,config:l}=t,y=void 0===l?d.Q:function(t,e){let i=(0,u.V)(t,e.now());if("string"==typeof i)throw new n.$$("input-invalid",{evidence:[`sigstore-config: ${i}.`]});return i}(l,r),m="none"===s?{...y,log:void 0}:y,h="public"===s;if(e.publish.dryRun){let t=await A(r);void 0!==t&&(0,c.G6)(t,{services:m,mayPublish:h});return}let v=e.verify?.trustedRoots??[(0,a.qF)(Buffer.from(g.publicTrustedRoot))];return(0,c.ln)({services:m,certificates:(0,f.certificateVerifier)(v),serverUrl:i.server.url,trustFile:e.verify?.trustFile,mayPublish:h},o)}async function A({environment:t,files:e}){let{payload:i}=await (0,o.zh)(t.GITHUB_EVENT_PATH,e),r=(0,a.ZZ)(i,"repository"),[n,s,l]=["full_name","visibility","private"].map(t=>(0,a.ZZ)(r,t)),c="string"==typeof s?s:({true:"private",false:"public"})[String(l)];return"string"==typeof n&&void 0!==c?{repository:n,visibility:c}:void 0}function w(t,e){let{signal:i,workflow:o}=e;return{http:e.http(i),retrier:{policy:{...l.G4,retries:t+2,maxMs:6e4},timer:{...e.timer(i),now:e.now},activity:{request:()=>()=>void 0,retry:t=>{o.info(t)}},signal:i},secrets:{keep:t=>{o.mask(t)},hide:o.hide},environment:e.environment,readFile:async t=>e.files.read(r.resolve((0,s.workspace)(e),t))}}},65058:(t,e,i)=>{i.d(e,{QN:()=>l,a1:()=>s,l5:()=>n});var r=i(95669),o=i(54631);let n="application/vnd.dev.sigstore.bundle.v0.3+json";function s(t,{bytes:e,material:i}){let r={mediaType:n,verificationMaterial:function({key:t,logEntries:e,timestamps:i}){let[r=new Uint8Array]="certificate"===t.kind?t.chain:[];return{..."key"===t.kind?{publicKey:{hint:t.hint}}:{certificate:{rawBytes:(0,o.K3)(r)}},...0===e.length?{}:{tlogEntries:e.map(a)},...0===i.length?{}:{timestampVerificationData:{rfc3161Timestamps:i.map(t=>({signedTimestamp:(0,o.K3)(t)}))}}}}(i),dsseEnvelope:(0,o.j4)(t,e)};return Buffer.from(JSON.stringify(r))}function a(t){let{inclusionProof:e}=t;return{logIndex:t.logIndex,logId:{keyId:(0,o.K3)(t.logId)},kindVersion:{kind:t.kind,version:t.version},integratedTime:t.integratedTime,inclusionPromise:{signedEntryTimestamp:(0,o.K3)(t.signedEntryTimestamp)},...void 0===e?{}:{inclusionProof:{logIndex:e.logIndex,rootHash:(0,o.K3)(e.rootHash),treeSize:e.treeSize,hashes:e.hashes.map(o.K3),checkpoint:{envelope:e.checkpoint}}},canonicalizedBody:(0,o.K3)(t.body)}}function l(t){let e=(0,r.qF)(t),i=(0,r.ZZ)(e,"mediaType");if("string"!=typeof i||!i.startsWith("application/vnd.dev.sigstore.bundle"))return;let o=(0,r.ZZ)(e,"dsseEnvelope"),[n,s,a]=["payload","payloadType","signatures"].map(t=>(0,r.ZZ)(o,t));if("string"==typeof n&&"string"==typeof s&&Array.isArray(a))return{payload:n,payloadType:s,signatures:a.flatMap(t=>{let e=(0,r.ZZ)(t,"sig");return"string"==typeof e?[{sig:e}]:[]})}}},54631:(t,e,i)=>{i.d(e,{IX:()=>s,JC:()=>o,K3:()=>a,j4:()=>n});let r="application/vnd.in-toto+json";function o(t){return Buffer.concat([Buffer.from(`DSSEv1 ${r.length} ${r} ${t.byteLength} `),t])}function n(t,e){return{payload:a(t),payloadType:r,signatures:[{sig:a(e)}]}}function s({payloadType:t}){return t===r}function a(t){return Buffer.from(t.buffer,t.byteOffset,t.byteLength).toString("base64")}},90610:(t,e,i)=>{i.d(e,{I9:()=>s,Ng:()=>d,Oi:()=>a,ex:()=>l,xt:()=>c});var r=i(95669),o=i(54631);let n="cosign container image signature",s="dev.cosignproject.cosign/signature";function a(t,e){let i={identity:{"docker-reference":function({host:t,path:e}){return`${t}/${e}`}(t)},image:{"docker-manifest-digest":e},type:n};return Buffer.from(JSON.stringify({critical:i,optional:null}))}function l(t){let e=(0,r.ZZ)((0,r.qF)(t),"critical"),i=(0,r.ZZ)((0,r.ZZ)(e,"image"),"docker-manifest-digest"),o=(0,r.ZZ)((0,r.ZZ)(e,"identity"),"docker-reference");if((0,r.ZZ)(e,"type")===n&&"string"==typeof i)return{digest:i,reference:"string"==typeof o?o:void 0}}function c(t,e){return t?.replace(/^index\.docker\.io\//,"docker.io/")===function({host:t,path:e}){return`${t}/${e}`}(e)}function d({bytes:t,material:e}){let{key:i,logEntries:r,timestamps:n}=e,[a,...l]="certificate"===i.kind?i.chain:[],[c]=r,[f]=n;return{[s]:(0,o.K3)(t),...void 0===a?{}:{"dev.sigstore.cosign/certificate":u(a),"dev.sigstore.cosign/chain":l.map(u).join("")},...void 0===c?{}:{"dev.sigstore.cosign/bundle":JSON.stringify(function({signedEntryTimestamp:t,body:e,integratedTime:i,logIndex:r,logId:n}){return{SignedEntryTimestamp:(0,o.K3)(t),Payload:{body:(0,o.K3)(e),integratedTime:Number(i),logIndex:Number(r),logID:Buffer.from(n).toString("hex")}}}(c))},...void 0===f?{}:{"dev.sigstore.cosign/rfc3161timestamp":JSON.stringify({SignedRFC3161Timestamp:(0,o.K3)(f)})}}}function u(t){return["-----BEGIN CERTIFICATE-----",...(0,o.K3)(t).match(/.{1,64}/g)??[],"-----END CERTIFICATE-----",""].join(`
`)}},60125:(t,e,i)=>{i.d(e,{By:()=>l,j8:()=>s,oo:()=>n,q$:()=>a});var r=i(87961),o=i(95669);let n="https://sigstore.dev/cosign/sign/v1";function s({subjects:t,predicateType:e,predicate:i}){let r=t.map(t=>({digest:{sha256:t.slice(7)}}));return Buffer.from(JSON.stringify({_type:"https://in-toto.io/Statement/v1",subject:r,predicateType:e,predicate:i}))}function a(t,e){let i=[...new Set(e)].filter(e=>e!==t).sort();return s({subjects:[t,...i],predicateType:n,predicate:{}})}function l(t){let e=(0,o.qF)(t),[i,n,s]=["_type","predicateType","subject"].map(t=>(0,o.ZZ)(e,t));if("string"==typeof i&&/^https:\/\/in-toto\.io\/Statement\/v(?:0\.1|1)$/.test(i)&&"string"==typeof n&&Array.isArray(s))return{subjects:s.flatMap(t=>{let e=`sha256:${String((0,o.ZZ)((0,o.ZZ)(t,"digest"),"sha256"))}`;return(0,r.Bc)(e)?[e]:[]}),predicateType:n}}},99675:(t,e,i)=>{i.d(e,{V:()=>o});var r=i(95669);function o(t,e){let i=(0,r.ZZ)(t,"mediaType");if("string"!=typeof i||!i.startsWith("application/vnd.dev.sigstore.signingconfig.v0.2"))return"it is not a signing config of version 0.2";let[o,n,s]=["caUrls","rekorTlogUrls","tsaUrls"].map(i=>(function(t,e){if(!Array.isArray(t))return;let[i]=t.flatMap(t=>{let i=(0,r.ZZ)(t,"url"),[o,n]=["start","end"].map(e=>{var i;let o;return Number.isNaN(o="string"==typeof(i=(0,r.ZZ)((0,r.ZZ)(t,"validFor"),e))?Date.parse(i):0/0)?void 0:o}),s=(o??0)<=e.getTime()&&e.getTime()<(n??1/0),a=1===(0,r.ZZ)(t,"majorApiVersion");return"string"==typeof i&&URL.canParse(i)&&s&&a?[{url:new URL(i),start:o}]:[]}).toSorted((t,e)=>(e.start??0)-(t.start??0));return i?.url})((0,r.ZZ)(t,i),e)),a=[o,n,s].find(t=>void 0!==t&&!function({protocol:t,hostname:e}){return"https:"===t||"http:"===t&&/^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(e)}(t));return void 0!==a?`${a.origin} is not an address with https`:void 0===o?"it has no certificate authority that is valid now (caUrls)":void 0===n&&void 0===s?"it has neither a log of version 1 (rekorTlogUrls) nor a timestamp authority (tsaUrls) that is valid now":{authority:o,log:n,timestamps:s}}},28482:(t,e,i)=>{i.d(e,{certificateVerifier:()=>a});var r=i(61040),o=i(19654),n=i(54187),s=i(54992);function a(t){let e=t.map(t=>{let e=(0,n.jO)(o.TrustedRoot.fromJSON(t)),i=+(e.ctlogs.length>0);return new n.BL(e,{ctlogThreshold:i,tlogThreshold:0,timestampThreshold:1})});return({bundle:t,artifact:i,signed:o})=>{let a="its certificate is not trusted";for(let l of e)try{let e=(0,r.vw)(t);!function({content:t},{artifact:e,signed:i}){if("dsseEnvelope"!==t.$case){if(void 0===e)throw Error("the library reads a signature without an envelope");return}let{payload:r,payloadType:o}=t.dsseEnvelope,n=`DSSEv1 ${Buffer.byteLength(o)} ${o} ${r.byteLength} `;if(!Buffer.concat([Buffer.from(n),r]).equals(i))throw Error("the envelope is ambiguous")}(e,{artifact:i,signed:o});let s=(0,n.DC)(e,void 0===i?void 0:Buffer.from(i)),{identity:a}=l.verify(s),{tlogEntries:c,timestampVerificationData:d}=e.verificationMaterial;return{ok:!0,identity:function({subjectAlternativeName:t,extensions:e,oids:i=[]}){let r=t=>{let e=i.find(({oid:e})=>e?.id.join(".")===t);return void 0===e?void 0:function(t){let[e,i=0]=t;if(12!==e)return;let r=i<128?0:127&i;if(r>2||t.byteLength<2+r)return;let o=0===r?i:t.readUIntBE(2,r),n=t.subarray(2+r);return n.byteLength===o?n.toString("utf8"):void 0}(e.value)};return{signer:t,issuer:e?.issuer,repository:r("1.3.6.1.4.1.57264.1.12"),repositoryId:r("1.3.6.1.4.1.57264.1.15"),workflow:r("1.3.6.1.4.1.57264.1.18"),ref:r("1.3.6.1.4.1.57264.1.14"),runner:r("1.3.6.1.4.1.57264.1.11")}}(a??{}),hasLogEntry:c.length>0,hasTimestamp:(d?.rfc3161Timestamps??[]).length>0}}catch(t){a=`its certificate, time or signature is not valid (${(0,s.gJ)(t)})`}return{ok:!1,reason:a}}}},66858:(t,e,i)=>{i.d(e,{publicTrustedRoot:()=>r});let r=`{
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
