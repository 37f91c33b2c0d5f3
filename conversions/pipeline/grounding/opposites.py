"""Words of which a report means exactly one: opposites, and members of small closed sets.

A line holds alternatives; "|" separates what excludes each other, white space what means the same. Words with several
everyday senses (back, hand, court) stand in no set: they would be told of without need.
"""

from __future__ import annotations

_OPPOSITES = """
more higher greater bigger larger above exceed | less lower fewer smaller below
most best highest biggest largest | least worst lowest smallest
rise rose increase grow grew gain climb surge soar jump heighten raise boost expand growth up widen
 | decrease drop decline fell sank shrank lost
 shrink plunge slump lessen reduce lower slash narrow
accept approve support endorse welcome embrace favour favor praise herald applaud commend defend | reject oppose refuse
 resist criticise criticize condemn denounce blast attack
agree consent unanimous | disagree refuse
confirm admit concede acknowledge | deny reject dispute
win won victory beat defeat triumph winner | lose lost loss loser
start begin began launch | finish end conclude cease halt stall
arrive enter | leave left depart quit
buy bought purchase acquire | sell sold sale
hire appoint recruit | sack dismiss fire
add include | remove exclude omit
allow permit legalise legalize legal legally | ban forbid prohibit outlaw illegal illegally
succeed success successful excel | fail failure unsuccessful
love adore | hate dislike loathe
help aid benefit | hurt harm damage
remember recall | forget
guilty convicted | innocent acquitted cleared
accidentally accidental accident unintentionally | intentionally intentional deliberately deliberate purposely
publicly public | privately private
peacefully peaceful | violently violent
happy delighted cheerful gleeful ecstatic | unhappy sad upset terrified angry furious enraged
safe safely | dangerous unsafe
easy easily simple | difficult hard tricky tough
strong strongly | weak weakly
elderly | young
rich wealthy | poor
early earlier | late later
former previous ex | current present incumbent
always | never rarely
inside indoors | outside outdoors
foreign overseas | domestic homegrown native
temporary temporarily | permanent permanently
voluntary | mandatory compulsory
identical same | different
emergency urgent | routine
memorable unforgettable | forgettable
treatable manageable | deadly fatal extinct
legal | illegal
majority | minority
"""
_SETS = """
man boy male | woman girl female
son | daughter
father dad | mother mum mom
brother | sister
husband | wife
uncle | aunt
nephew | niece
grandfather grandad grandpa | grandmother grandma
gold | silver | bronze
north northern | south southern
east eastern | west western
morning | afternoon | evening
yesterday | tomorrow
red | blue | green | yellow | purple | orange | pink
arm | leg | hip | knee | shoulder | neck | ankle | foot | elbow | wrist | stomach abdomen
striker | winger | midfielder | defender | goalkeeper goalie
singer | pianist | guitarist | drummer | actor actress | dancer
doctor | nurse | lawyer | teacher | engineer | hairdresser
christian | muslim | jewish | hindu | buddhist
conservative tory | labour | liberal
democrat democratic | republican
facebook | twitter | instagram | youtube | tiktok
"""
_IN_THE_SAME_SENTENCE = """
before ahead | after following
first opening | last final
all every | some few
home | away
"""
_KOREAN = """
증가 상승 급등 늘었 늘어 늘리 올랐 올라 오른 인상 확대 강화 반등 호전 개선
 | 감소 하락 급락 줄었 줄어 줄이 내렸 내려 내린
 인하 축소 완화 위축 둔화 악화
찬성 지지 동의 수용 승인 허용 합의 | 반대 거부 반발 기각 불허 금지 결렬
승리 이겼 이긴 우승 꺾 | 패배 졌다 패했 무릎
시작 착수 개시 개막 | 종료 끝났 끝나 중단 폐막
유죄 | 무죄
인정 시인 | 부인
흑자 | 적자
매수 매입 사들 | 매도 매각 팔았 팔아
최고 최대 최다 | 최저 최소
이상 초과 넘는 넘어 | 이하 미만 밑도
동결 | 인상 | 인하
합격 | 불합격 탈락
가결 통과 | 부결
불구속 | 구속
체포 | 석방
불기소 무혐의 | 기소
사망 숨졌 숨진 숨지 | 부상 다쳤 다친 생존
남성 남자 아들 남편 아버지 | 여성 여자 딸 아내 어머니
비공개 | 공개
여당 | 야당
오전 | 오후
상반기 | 하반기
수출 | 수입
출국 | 입국
북쪽 북부 | 남쪽 남부
동쪽 동부 | 서쪽 서부
국내 | 해외 국외
"""

Sides = tuple[frozenset[str], ...]


def _parsed(lines: str) -> tuple[Sides, ...]:
    return tuple(
        tuple(frozenset(side.split()) for side in line.split("|"))
        for line in lines.replace("\n ", " ").strip().splitlines()
    )


ENGLISH = _parsed(_OPPOSITES)
ENGLISH_SETS = _parsed(_SETS)
ENGLISH_ALIGNED = _parsed(_IN_THE_SAME_SENTENCE)
"""Too common to be missed in an article; they are compared only in the sentence that says the same."""
KOREAN = _parsed(_KOREAN)
